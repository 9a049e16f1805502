// The part of a report that says how to use the model: commands, and a program.
import { shellWord } from "../base/words.ts";
import { exampleOf } from "../fields/example.ts";
import { isModelled } from "../fields/field.ts";
import { givesImages } from "../tasks/rows.ts";
import type { ReportFacts } from "./facts.ts";
import { type Html, html } from "./html.ts";

export function useSection({ run, proposedSampler }: ReportFacts): Html {
  const { folder, config } = run;
  const { schema, data } = config;
  const [name, rows] = [shellWord(folder), shellWord(data.source)];
  const images = givesImages(schema);
  const fields = schema.fields.filter(isModelled);
  // One condition of which a level is at hand shows how it is given: the others are drawn.
  const shown = fields.find((field) => field.role === "condition" && "levels" in field);
  const sampler = proposedSampler === null ? "" : ` --sampler ${proposedSampler}`;
  const where = shown ? ` --where ${shellWord(`${shown.name}=${exampleOf(shown)}`)}` : "";
  const target = fields.some(({ role }) => role === "target");
  const [new1, seen] = images ? ["new.png", "seen.npy"] : ["new.csv", "seen.csv"];
  const commands = [
    `elbo evaluate ${name} ${rows}`,
    `elbo encode ${name} ${rows} -o latents.csv --std`,
    `elbo reconstruct ${name} ${rows} -o ${seen}`,
    `elbo sample ${name} -n 64 -o ${new1}${sampler}${where}`,
    ...(images ? [] : [`elbo impute ${name} ${rows} -o whole.csv`]),
    ...(target ? [`elbo predict ${name} ${rows} -o predicted.csv`] : []),
    `elbo detect ${name} ${rows} -o strange.csv --explain`,
    `elbo export ${name} -o onnx`,
  ];
  const settings = [
    ...(proposedSampler === null ? [] : [`sampler: ${JSON.stringify(proposedSampler)}`]),
    ...(shown ? [`where: ${JSON.stringify({ [shown.name]: exampleOf(shown) })}`] : []),
  ];
  const given = settings.length > 0 ? `, { ${settings.join(", ")} }` : "";
  const program = `import { encode, openRun, sample } from "elbojs";

const run = await openRun(${JSON.stringify(folder)});

const { mean, rows, latent } = await encode(run, ${JSON.stringify(data.source)});
console.log(\`\${rows} rows of \${latent} latents, the first \${mean.subarray(0, latent)}\`);

const made = await sample(run, 10${given});
for (const [i, { name }] of made.columns.entries()) console.log(name, made.values[i]?.values);`;
  return html`<p>On a command line:</p><pre tabindex="0"><code>${commands.join("\n")}</code></pre><p>In TypeScript:</p><pre tabindex="0"><code>${program}</code></pre><p>Without elbo: <code>elbo export</code> writes ONNX files that take raw values, with programs in Python, TypeScript and a web page.</p>`;
}
