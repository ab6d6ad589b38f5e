#!/usr/bin/env node
// CommonJS in the syntax of old Nodes: they have to understand it in order to refuse clearly.
var NEEDED = [24, 12];
var has = process.versions.node.split('.').map(Number);
if (has[0] < NEEDED[0] || (has[0] === NEEDED[0] && has[1] < NEEDED[1])) {
  process.stderr.write(
    'sagaproof needs Node ' +
      NEEDED.join('.') +
      ' or newer; this is ' +
      process.version +
      '\n' +
      'fix: npm i -D node@24 (npx then runs it with that one), or install a newer Node\n',
  );
  process.exit(2);
}
// A client of Kafka asks for timers in the past, which says nothing about a run.
var print = process.listeners('warning')[0];
if (print) {
  process.removeListener('warning', print);
  process.on('warning', (warning) => {
    if (warning.name !== 'TimeoutNegativeWarning') print.call(process, warning);
  });
}
void import('../harness/cli/main.js');
