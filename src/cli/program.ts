// The commands as commander knows them, and how a process ends: exit code, last words, nothing
// else. What a command does stands in its own file and is loaded when it runs.
import { Command, CommanderError } from "commander";
import { clusterCommand } from "./cluster.ts";
import { compressCommand, decompressCommand } from "./compress.ts";
import { detectCommand } from "./detect.ts";
import { encodeCommand } from "./encode.ts";
import { evaluateCommand } from "./evaluate.ts";
import { explainCommand } from "./explain.ts";
import { exportCommand } from "./export.ts";
import { imputeCommand } from "./impute.ts";
import { inspectCommand } from "./inspect.ts";
import { interpolateCommand } from "./interpolate.ts";
import { methodsCommand } from "./methods.ts";
import { nearestCommand } from "./nearest.ts";
import { predictCommand } from "./predict.ts";
import { reconstructCommand } from "./reconstruct.ts";
import { exitCodeOf, reportError, usageError } from "./report.ts";
import { reportCommand } from "./report-page.ts";
import { sampleCommand } from "./sample.ts";
import { trainCommand } from "./train.ts";
import { traverseCommand } from "./traverse.ts";

const epilogue = `
The usual way:
  $ elbo train data.csv                    learns a model and prints its run folder
  $ elbo evaluate runs/data-vae data.csv   tells how good it is, beside PCA
  $ elbo encode runs/data-vae data.csv -o latents.csv

elbo COMMAND --help says more about a command, with examples.
Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 failed,
2 wrong usage, 130 interrupted after a checkpoint.`;

/** All of the command line; help is written by `print`, errors are thrown. */
function buildProgram(print: (text: string) => void): Command {
  const program = new Command("elbo")
    .description("Autoencoders and variational autoencoders for your own data.")
    .usage("COMMAND [options]")
    .option("--json", "write JSON on stdout, errors included")
    .option("--quiet", "say nothing on stderr but errors")
    .option("--debug", "show where in the program an error arose")
    .option("--version", "print the version")
    .helpOption("--help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .configureHelp({
      showGlobalOptions: true,
      subcommandTerm: (command) => {
        const words = command.registeredArguments.map((argument) => {
          return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
        });
        return [command.name(), ...words].join(" ");
      },
    })
    .configureOutput({ writeOut: print, writeErr: () => {} })
    .exitOverride()
    .addHelpText("after", epilogue);
  inspectCommand(program);
  trainCommand(program);
  methodsCommand(program);
  evaluateCommand(program);
  encodeCommand(program);
  reconstructCommand(program);
  sampleCommand(program);
  interpolateCommand(program);
  traverseCommand(program);
  exportCommand(program);
  compressCommand(program);
  decompressCommand(program);
  imputeCommand(program);
  predictCommand(program);
  detectCommand(program);
  clusterCommand(program);
  nearestCommand(program);
  explainCommand(program);
  reportCommand(program);
  return program;
}

/** What commander says of a wrong call, in the form of all other errors. */
function fromCommander(error: CommanderError, words: readonly string[]) {
  if (error.code === "commander.help") {
    return usageError("command-missing", "elbo needs a command", "Run elbo --help for the list.");
  }
  const [first, ...rest] = error.message.replace(/^error: /, "").split("\n");
  const suggestion = /Did you mean (?:one of )?(.*?)\?/.exec(rest.join(" "))?.[1];
  const command = words.find((word) => !word.startsWith("-"));
  const known = error.code !== "commander.unknownCommand" && command !== undefined;
  const code = error.code
    .replace(/^commander\./, "")
    .replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return usageError(
    code,
    first!,
    suggestion ? `Did you mean ${suggestion}?` : `Run elbo ${known ? `${command} ` : ""}--help.`,
  );
}

/** Runs the words of a command line and ends the process. */
export async function runProgram(words: readonly string[]): Promise<void> {
  const json = words.includes("--json");
  const debug = words.includes("--debug");
  const fail = (error: unknown) => {
    reportError(error, { json, debug });
    process.exitCode = exitCodeOf(error);
  };
  for (const stream of [process.stdout, process.stderr]) {
    // Whoever read (`| head`) has gone: no reason to stop the work.
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") process.exit(1);
    });
  }
  process.on("uncaughtException", (error) => {
    fail(error);
    process.exit();
  });
  let help = "";
  const print = (text: string) => {
    help += text;
  };
  try {
    await buildProgram(print).parseAsync(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) fail(error);
    else if (error.exitCode !== 0) fail(fromCommander(error, words));
  }
  if (help !== "") {
    process.stdout.write(json ? `${JSON.stringify({ ok: true, help })}\n` : help);
  }
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => {
      return new Promise((resolve) => stream.write("", resolve));
    }),
  );
  // Threads of a WebAssembly runtime would keep the process alive.
  process.exit();
}
