// The commands as commander knows them, and the words and exit code that end one. What a command
// does stands in its own file and is loaded when it runs; what is of the process, in ./process.ts.
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

/** Tells an error as `words` ask for it, and has the process end with its exit code. */
export function fail(error: unknown, words: readonly string[]): void {
  reportError(error, { json: words.includes("--json"), debug: words.includes("--debug") });
  process.exitCode = exitCodeOf(error);
}

/** Runs the words of a command line to the end; `process.exitCode` tells how it went. */
export async function runProgram(words: readonly string[]): Promise<void> {
  let help = "";
  const print = (text: string) => {
    help += text;
  };
  try {
    await buildProgram(print).parseAsync(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) fail(error, words);
    else if (error.exitCode !== 0) fail(fromCommander(error, words), words);
  }
  if (help === "") return;
  process.stdout.write(words.includes("--json") ? `${JSON.stringify({ ok: true, help })}\n` : help);
}
