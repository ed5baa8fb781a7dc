// Holds dashboards against the types that Grafana publishes: node check.mjs DASHBOARD.json …, in a directory with node_modules.
//
// A dashboard becomes a TypeScript constant of the type Dashboard, and the options of each panel one of that panel's type. The
// compiler finds what is missing, misspelled, of another type, or not among the values that an option may have.
import {readFileSync, writeFileSync} from 'node:fs';
import {basename} from 'node:path';
import ts from 'typescript';

const panels = {
  timeseries: 'TimeSeries',
  barchart: 'BarChart',
  table: 'Table',
  stat: 'Stat',
};

let source = `import type {Dashboard} from '@grafana/schema';
// JSON has an enum's value where the types want the enum.
type Plain<T> = T extends string ? \`\${T}\` : T extends number | boolean ? T : T extends object ? {[K in keyof T]?: Plain<T[K]>} : T;
`;
for (const [name, type] of Object.entries(panels)) {
  const module = `@grafana/schema/dist/esm/raw/composable/${name}/panelcfg/x/${type}PanelCfg_types.gen`;
  source += `import type {Options as ${type}Options} from '${module}';\n`;
  if (name !== 'stat') { // has no fields of its own
    source += `import type {FieldConfig as ${type}Fields} from '${module}';\n`;
  }
}
process.argv.slice(2).forEach((file, i) => {
  const dashboard = JSON.parse(readFileSync(file, 'utf8'));
  source += `\n// ${basename(file)}\nexport const dashboard${i}: Dashboard = ${JSON.stringify(dashboard, null, 1)};\n`;
  dashboard.panels.forEach((panel, j) => {
    const type = panels[panel.type];
    if (!type) {
      throw new Error(`${basename(file)}: ${panel.title} is a panel of the unknown type ${panel.type}`);
    }
    source += `// ${basename(file)}, ${panel.title}\nexport const options${i}_${j}: Plain<${type}Options> = ${JSON.stringify(panel.options)};\n`;
    if (panel.fieldConfig.defaults.custom) {
      source += `export const fields${i}_${j}: Plain<${type}Fields> = ${JSON.stringify(panel.fieldConfig.defaults.custom)};\n`;
    }
  });
});

writeFileSync('dashboards.ts', source);
const program = ts.createProgram(['dashboards.ts'], {
  strict: true, noEmit: true, skipLibCheck: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler, types: [],
});
const problems = ts.getPreEmitDiagnostics(program);
for (const problem of problems) {
  const line = problem.file ? problem.file.getLineAndCharacterOfPosition(problem.start).line : 0;
  const where = source.split('\n').slice(0, line + 1).findLast((text) => text.startsWith('// ')) ?? '';
  console.error(`${where.slice(3)}: ${ts.flattenDiagnosticMessageText(problem.messageText, '\n')}`);
}
process.exit(problems.length > 0 ? 1 : 0);
