// The built program as few files, for the daemons of a run: Node.js finds, reads and links each of six hundred modules in
// each thread, and as many of packages, which is most of the processor time that a start costs, and a run starts hundreds
// of daemons. Programs of the tests' own that are daemons with one more front-end stand beside it, on the same files.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin, stop } from 'esbuild'
import { ownPrograms } from '../program.ts'

const entries = ['src/main', 'workers/worker', 'workers/side', 'workers/offload']
/** Finds the entries of threads beside itself: those of the bundle. */
const finder = 'src/threads/spawn.js'
/** Native, or finds files of its own beside itself. */
const external = ['uWebSockets.js', 'zeromq', 'ffi-rs', 'piscina', 'msgpackr-extract']

/** Names that are taken out of packages which are no modules, and are loaded when they are needed: a bundler finds none of them. */
const named: Readonly<Record<string, string>> = {
  '@redis/client': 'createClient',
  'pino-pretty': 'prettyFactory',
}

export interface Bundle {
  /** In place of `dist`, with the entries where they stand there, and those of tests in `test`. */
  readonly folder: string
  remove(): void
}

/** Under `dist`, so that packages are found from there; a folder for each run, for two may run beside each other. */
export async function bundle(root: string): Promise<Bundle> {
  const dist = join(root, 'dist')
  const folder = mkdtempSync(join(dist, 'run-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const own = ownPrograms.flatMap(name => [`test/helpers/${name}/main`, `test/helpers/${name}/worker`])
  try {
    await build({
      entryPoints: Object.fromEntries([
        ...entries.map(entry => [entry, join(dist, `${entry}.js`)]),
        ...own.map(entry => [entry, join(root, `${entry}.ts`)]),
      ]),
      outdir: folder,
      bundle: true,
      // What is imported when it is needed is read then.
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node22',
      external,
      // Of one byte a character and without blanks, text is read in half of the time. Names stay.
      charset: 'ascii',
      legalComments: 'none',
      minifySyntax: true,
      minifyWhitespace: true,
      // For packages that are not modules.
      banner: {
        js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
      },
      logLevel: 'silent',
      plugins: [places(root, folder), namesOfPackages],
    })
  } catch (error) {
    remove()
    throw error
  } finally {
    await stop() // its process would outlive the run
  }
  return { folder, remove }
}

/**
 * Each module is told the place that it has in `dist`, where the files are that it reads; what starts a thread, the place of
 * the bundle. What tests import of the sources is what was built of it.
 */
function places(root: string, folder: string): Plugin {
  const dist = join(root, 'dist')
  return {
    name: 'places',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /\/(?:src|workers)\/.*\.ts$/ }, ({ path, resolveDir }) => {
        const built = relative(root, join(resolveDir, path)).replace(/\.ts$/, '.js')
        return { path: join(dist, built) }
      })
      onLoad({ filter: /\.[jt]s$/ }, ({ path }) => {
        const isBuilt = path.startsWith(`${dist}/`)
        const isTest = path.startsWith(join(root, 'test/'))
        if (!isBuilt && !isTest) return undefined
        const place = relative(isBuilt ? dist : root, path)
        const own = isTest || place === finder ? join(folder, place) : path
        const text = readFileSync(path, 'utf8')
        const contents = (
          isTest ? text.replaceAll("'./worker.ts', import.meta", "'./worker.js', import.meta") : text
        )
          .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(own).href))
          .replaceAll('import.meta.dirname', JSON.stringify(dirname(own)))
          .replaceAll('import.meta.filename', JSON.stringify(own))
        return { contents, loader: isTest ? 'ts' : 'js' }
      })
    },
  }
}

const namesOfPackages: Plugin = {
  name: 'names of packages',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind, resolveDir }) =>
      kind === 'dynamic-import' && path in named
        ? { path, namespace: 'named', pluginData: resolveDir }
        : undefined,
    )
    onLoad({ filter: /./, namespace: 'named' }, ({ path, pluginData }) => ({
      contents: `export { ${named[path]} } from '${path}'`,
      resolveDir: String(pluginData),
    }))
  },
}
