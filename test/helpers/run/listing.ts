// Run with a pattern and test files: loads each file without running a test, and prints as JSON those with a test whose
// name matches. A file that does not load like that is among them, so that running it shows what is wrong with it.
import { registerHooks } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { listed } from './node-test.ts'

const standIn = new URL('node-test.ts', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'node:test' ? { url: standIn, shortCircuit: true } : next(specifier, context),
})

const [pattern = '', ...files] = process.argv.slice(2)
const only = new RegExp(pattern)
const matching: string[] = []
for (const file of files) {
  listed.length = 0
  const loads = await import(pathToFileURL(resolve(file)).href).then(
    () => true,
    () => false,
  )
  if (!loads || listed.some(names => names.some(name => only.test(name)))) matching.push(file)
}
// Loading a file may have opened something, which must not hold up the answer.
process.stdout.write(JSON.stringify(matching), () => process.exit())
