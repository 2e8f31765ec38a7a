// The built program as few files, for the daemons of a run: Node.js finds, reads and links each of six hundred modules in
// each thread, which is half of the processor time that a start costs, and a run starts hundreds of daemons.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin, stop } from 'esbuild'

const entries = ['src/main', 'workers/worker', 'workers/side', 'workers/offload']
/** Finds the entries of threads beside itself: those of the bundle. */
const finder = 'src/threads/spawn.js'

export interface Bundle {
  /** In place of `dist`, with the entries where they stand there. */
  readonly folder: string
  remove(): void
}

/** Under `dist`, so that packages are found from there; a folder for each run, for two may run beside each other. */
export async function bundle(dist: string): Promise<Bundle> {
  const folder = mkdtempSync(join(dist, 'run-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    await build({
      entryPoints: entries.map(entry => join(dist, `${entry}.js`)),
      outbase: dist,
      outdir: folder,
      bundle: true,
      // What is imported when it is needed is read then.
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node22',
      packages: 'external',
      keepNames: true,
      logLevel: 'silent',
      plugins: [places(dist, folder)],
    })
  } catch (error) {
    remove()
    throw error
  } finally {
    await stop() // its process would outlive the run
  }
  return { folder, remove }
}

/** Each module is told the place that it has in `dist`, where the files are that it reads. */
function places(dist: string, folder: string): Plugin {
  return {
    name: 'places',
    setup({ onLoad }) {
      onLoad({ filter: /\.js$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8')
        const own = relative(dist, path) === finder ? join(folder, finder) : path
        const contents = text
          .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(own).href))
          .replaceAll('import.meta.dirname', JSON.stringify(dirname(own)))
          .replaceAll('import.meta.filename', JSON.stringify(own))
        return { contents, loader: 'js' }
      })
    },
  }
}
