// Holds dashboards against the types that Grafana publishes: node grafana.mjs DASHBOARD.json …
//
// A dashboard becomes a TypeScript constant of the type Dashboard, and the options of each panel one of that panel's type. The
// compiler finds what is missing, misspelled, of another type, or not among the values that an option may have.
import {readFileSync} from 'node:fs';
import {basename} from 'node:path';
import {compile} from './compile.mjs';

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

compile('dashboards.ts', source);
