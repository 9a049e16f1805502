// A command line as a process of its own: pipes that close, errors that nobody caught, and an end that
// waits for what is written and for nothing else.
import { fail, runProgram } from "./program.ts";

/** Runs the words of a command line and ends the process. */
export async function runProcess(words: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    // Whoever read (`| head`) has gone: no reason to stop the work.
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") process.exit(1);
    });
  }
  process.on("uncaughtException", (error) => {
    fail(error, words);
    process.exit();
  });
  await runProgram(words);
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => {
      return new Promise((resolve) => stream.write("", resolve));
    }),
  );
  // Threads of a WebAssembly runtime would keep the process alive.
  process.exit();
}
