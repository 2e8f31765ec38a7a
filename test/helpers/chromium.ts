// A real headless Chromium without a network beyond this machine, driven over the DevTools protocol: pages are opened and
// code is run in them. It lives in a folder of its own and is ended with all its processes.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from './until.ts'

const program = '/usr/bin/chromium'

/** Starting takes a second; on a machine that is busy with other tests several. */
const startMsMax = 60_000
/** Nothing that a test asks of a page takes long. */
const callMsMax = 60_000

const flags = [
  '--headless=new',
  // Its sandbox refuses to run as root, and as anybody in a container; the pages are ours.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--remote-debugging-port=0',
  '--no-proxy-server',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-breakpad',
  '--disable-sync',
  '--no-first-run',
]

export interface Page {
  /** What the expression, or the promise that it makes, comes to; it must fit into JSON. Throws what it throws. */
  evaluate(expression: string): Promise<unknown>
  /** A command of the DevTools protocol to this page, for input and looks. */
  command(method: string, params?: Result): Promise<Result>
}

export interface Browser {
  /** Resolves when the page's scripts ran. */
  open(url: string): Promise<Page>
  /** Ends all its processes. */
  stop(): Promise<void>
}

/** For `skip`: an installation is asked for where it counts; elsewhere its absence is told and forgiven. */
export function isChromiumMissing(): string | false {
  return existsSync(program) || process.env['CI'] === 'true' ? false : `${program} is not installed`
}

/** `names` are this machine for it, as if they had been bound to its address; no other name is found. */
export async function startChromium(names: readonly string[] = []): Promise<Browser> {
  const folder = mkdtempSync(join(tmpdir(), 'chromium-'))
  const own = names.map(name => `MAP ${name} 127.0.0.1, `).join('')
  // It asks nobody but this machine for anything.
  const rules = `${own}MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost`
  const more = [`--host-resolver-rules=${rules}`, `--user-data-dir=${folder}`]
  const child = spawn(program, [...flags, ...more, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: folder, TEST_RUN_MARK: process.env['TEST_RUN_MARK'] },
    // Its processes are a group, so that none can be forgotten.
    detached: true,
  })
  const said: string[] = []
  child.stderr.on('data', piece => said.push(String(piece)))
  // Without a process of its own there would be no group to end; this throws where the program is missing.
  await once(child, 'spawn').finally(() => child.pid ?? rmSync(folder, { recursive: true }))
  try {
    const devtools = new Devtools(await endpointOf(child, folder, said))
    await devtools.opened
    return {
      open: url => openPage(devtools, url),
      async stop() {
        await devtools.call('Browser.close').catch(() => {})
        await end(child, folder)
      },
    }
  } catch (error) {
    await end(child, folder)
    throw error
  }
}

/** Chromium writes the port and the path into a file once it listens. */
function endpointOf(child: ChildProcess, folder: string, said: readonly string[]): Promise<string> {
  const file = join(folder, 'DevToolsActivePort')
  const find = () => {
    if (hasEnded(child)) throw new Error(`chromium ended: ${said.join('')}`)
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    const [, port, path] = /^(\d+)\n(\S+)/.exec(text) ?? []
    return path === undefined ? undefined : `ws://127.0.0.1:${port}${path}`
  }
  return until('chromium to listen', find, startMsMax)
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  const group = -child.pid! // it was spawned
  await until('chromium to end', () => hasEnded(child), 5_000).catch(() => {})
  try {
    process.kill(group, 'SIGKILL')
  } catch {
    // All of them have ended by themselves.
  }
  if (!hasEnded(child)) await once(child, 'exit')
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

async function openPage(devtools: Devtools, url: string): Promise<Page> {
  const { targetId } = await devtools.call('Target.createTarget', { url: 'about:blank' })
  const { sessionId } = await devtools.call('Target.attachToTarget', { targetId, flatten: true })
  const session = String(sessionId)
  const { errorText } = await devtools.call('Page.navigate', { url }, session)
  if (errorText !== undefined) throw new Error(`${url}: ${errorText}`)
  const page: Page = {
    async evaluate(expression) {
      const options = { expression, awaitPromise: true, returnByValue: true }
      const { result, exceptionDetails } = await devtools.call('Runtime.evaluate', options, session)
      if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
      return (result as { value?: unknown }).value // Runtime.evaluate always has a result
    },
    command: (method, params) => devtools.call(method, params, session),
  }
  await until(`${url} to load`, () =>
    page.evaluate(`document.readyState === 'complete' && location.href === ${JSON.stringify(url)}`),
  )
  return page
}

type Result = Readonly<Record<string, unknown>>

/** Calls over one WebSocket, each answered by its number; what Chromium tells unasked is passed over. */
class Devtools {
  readonly opened: Promise<unknown>
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, (answer: Result) => void>()
  #last = 0

  constructor(url: string) {
    this.#socket = new WebSocket(url)
    this.opened = once(this.#socket, 'open')
    this.#socket.addEventListener('message', ({ data }) => {
      const answer = JSON.parse(String(data)) as Result & { id?: number } // by the protocol
      this.#waiting.get(answer.id ?? 0)?.(answer)
    })
    this.#socket.addEventListener('close', () => {
      for (const answered of this.#waiting.values()) answered({ error: 'chromium has gone' })
    })
  }

  async call(method: string, params: Result = {}, sessionId?: string): Promise<Result> {
    const id = ++this.#last
    let limit: NodeJS.Timeout | undefined
    const answer = await new Promise<Result>(resolve => {
      this.#waiting.set(id, resolve)
      limit = setTimeout(() => resolve({ error: `no answer in ${callMsMax} ms` }), callMsMax)
      this.#socket.send(JSON.stringify({ id, method, params, sessionId }))
    })
    clearTimeout(limit)
    this.#waiting.delete(id)
    if (answer['error'] !== undefined) throw new Error(`${method}: ${JSON.stringify(answer['error'])}`)
    return answer['result'] as Result // by the protocol an answer has one or the other
  }
}
