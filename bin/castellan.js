#!/usr/bin/env node
/**
 * The command. Plain and old JavaScript: it refuses a Node.js that is too old
 * before anything is loaded that such a one could not even read.
 */

var needed = [24, 12]
var found = process.versions.node.split('.').map(Number)

if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
  process.stderr.write(
    'Castellan needs Node.js ' +
      needed.join('.') +
      ' or newer; this is ' +
      process.versions.node +
      '.\nInstall a newer one, or give the project its own: npm install --save-dev node@24\n',
  )
  process.exitCode = 1
} else {
  import('../dist/main.js').then(
    (module) =>
      module.main(process.argv.slice(2)).then((code) => {
        process.exitCode = code
      }),
    (error) => {
      process.stderr.write(
        `Castellan could not be loaded: ${error.message}\nIn a checkout run "npm run build" first.\n`,
      )
      process.exitCode = 1
    },
  )
}
