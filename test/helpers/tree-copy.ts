// A copy of the project in a folder of its own, to change and to check there as a whole.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

export interface Copy {
  readonly root: string
  write(path: string, text: string): void
  /** Runs node there, with the project's own version. */
  run(args: readonly string[]): Outcome
  /** What `--built` runs on. */
  build(): Outcome
}

interface Outcome {
  readonly status: number | null
  readonly output: string
}

const projectRoot = resolve(import.meta.dirname, '../..')

/** What git would hand out, and what is new and not ignored; packages are linked. `t.after` takes it away. */
export function copyTree(t: { after(run: () => void): void }): Copy {
  const root = mkdtempSync(join(tmpdir(), 'tree-'))
  t.after(() => rmSync(root, { recursive: true, force: true, maxRetries: 3 }))
  const options = { cwd: projectRoot, encoding: 'utf8' } as const
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    options,
  )
  for (const path of listed.split('\0')) {
    if (path !== '' && existsSync(join(projectRoot, path))) cpSync(join(projectRoot, path), join(root, path))
  }
  symlinkSync(join(projectRoot, 'node_modules'), join(root, 'node_modules'))
  // The formatter asks git what is ignored.
  execFileSync('git', ['init', '--quiet'], { cwd: root })
  return {
    root,
    write(path, text) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    },
    run: args => outcomeOf(root, process.execPath, args),
    build: () => outcomeOf(root, 'npm', ['run', '--silent', 'build']),
  }
}

function outcomeOf(cwd: string, program: string, args: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    env: environmentOf(),
    maxBuffer: 64 * 1_048_576,
  })
  return { status, output: stdout + stderr }
}

/** Without what this run put there: the copy's own run does so itself. The mark of its processes stays. */
function environmentOf(): NodeJS.ProcessEnv {
  const ours = Object.entries(process.env).filter(([name]) => !/^(?:NODE_TEST|TEST_(?!RUN_MARK))/.test(name))
  return { ...Object.fromEntries(ours), NO_COLOR: '1' }
}
