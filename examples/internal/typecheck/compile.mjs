// Has the TypeScript compiler read a source, and says for each problem the last comment line above it, which names what is checked.
import {writeFileSync} from 'node:fs';
import ts from 'typescript';

export function compile(file, source) {
  writeFileSync(file, source);
  const program = ts.createProgram([file], {
    strict: true, noEmit: true, skipLibCheck: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler, types: [],
  });
  const problems = ts.getPreEmitDiagnostics(program);
  for (const problem of problems) {
    const line = problem.file ? problem.file.getLineAndCharacterOfPosition(problem.start).line : 0;
    const where = source.split('\n').slice(0, line + 1).findLast((text) => text.startsWith('// ')) ?? '// ' + file;
    console.error(`${where.slice(3)}: ${ts.flattenDiagnosticMessageText(problem.messageText, '\n')}`);
  }
  process.exit(problems.length > 0 ? 1 : 0);
}
