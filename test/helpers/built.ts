// Imported in front of a test or a program of the tests, in each of its threads, when the run is of what was built: what it
// imports of the sources comes from there, so that nobody takes the types out of it again, and there is one of each. A test
// file that imports the engine is up in two thirds of the time.
import { registerHooks } from 'node:module'

const root = new URL('../../', import.meta.url).href
const sources = `${root}src/`

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    if (!resolved.url.startsWith(sources)) return resolved
    const built = resolved.url.slice(root.length).replace(/\.ts$/, '.js')
    return { ...resolved, url: `${root}dist/${built}`, format: 'module' }
  },
})
