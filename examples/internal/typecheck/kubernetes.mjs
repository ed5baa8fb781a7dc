// Holds Kubernetes objects, as JSON, against Kubernetes' own types: node kubernetes.mjs OBJECT.json …
import {readFileSync} from 'node:fs';
import {basename} from 'node:path';
import {compile} from './compile.mjs';

let source = '';
process.argv.slice(2).forEach((file, i) => {
  const object = JSON.parse(readFileSync(file, 'utf8'));
  const module = object.apiVersion.includes('/') ? object.apiVersion : `core/${object.apiVersion}`;
  source += `// ${basename(file)}, ${object.kind} ${object.metadata.name}
import type {${object.kind} as T${i}} from 'kubernetes-types/${module}';
export const object${i}: T${i} = ${JSON.stringify(object, null, 1)};
`;
});
compile('objects.ts', source);
