// Origins as people write them for GRIP: one with the libraries for Node.js, one in Python without any, and programs that
// read what is held.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Channel, Publisher } from '@fanoutio/grip'
import { ServeGrip } from '@fanoutio/serve-grip/node'
import { isPackageMissing, Lines, python } from './lines.ts'

const fixtures = new URL('../integration/grip/fixtures/', import.meta.url)

export const isRequestsMissing = (): string | false => isPackageMissing('requests')
export const isZmqMissing = (): string | false => isPackageMissing('zmq')

/** A program of a test's own that runs until it is ended. */
export function startPython(path: string): ChildProcess {
  return spawn(python, [path], { stdio: 'ignore' })
}

export const isDjangoMissing = (): string | false => isPackageMissing('django')

/** The recipe of contract §15, with the middleware in front of a server of Node's own. */
export class LibraryOrigin {
  readonly #server: Server
  #middleware: ServeGrip | undefined
  /** Whether each request was known as one of the proxy, and as signed by it. */
  readonly seen: { readonly isProxied: boolean; readonly isSigned: boolean }[] = []

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response))
  }

  static async open(): Promise<LibraryOrigin> {
    const origin = new LibraryOrigin()
    origin.#server.listen(0, '127.0.0.1')
    await once(origin.#server, 'listening')
    return origin
  }

  get address(): string {
    const address = this.#server.address()
    return typeof address === 'object' ? `127.0.0.1:${address?.port}` : ''
  }

  /** `control` is the address of the proxy's control door, which may start only when it knows this origin. */
  publishTo(control: string): Publisher {
    const config = {
      control_uri: `http://${control}`,
      key: 'changeme',
      verify_key: 'changeme',
      verify_iss: 'pushpin',
    }
    this.#middleware = new ServeGrip({ grip: config })
    return new Publisher(config)
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.#middleware?.exec(request, response, error => {
      if (error !== undefined) throw error
      const { isProxied = false, isSigned = false } = request.grip ?? {}
      this.seen.push({ isProxied, isSigned })
      response.end(this.#hold(request.url, response))
    })
  }

  #hold(path: string | undefined, response: ServerResponse): string {
    const instruct = path === '/plain' ? undefined : response.grip?.startInstruct()
    switch (path) {
      case '/stream':
        instruct?.addChannel('sgtest')
        instruct?.setHoldStream()
        return '[open]\n'
      case '/lp':
        instruct?.addChannel(new Channel('sglp', '1'))
        instruct?.setHoldLongPoll(6)
        return 'timeout\n'
      default:
        return 'plain\n'
    }
  }
}

const fixture = (name: string, ...args: readonly string[]): Lines =>
  new Lines(python, [new URL(name, fixtures).pathname, ...args])
/** Its first line is its port. */
export const pythonOrigin = (): Lines => fixture('origin.py')
/** The same; what it is told is published by it. */
export const djangoSite = (): Lines => fixture('django_site.py')
export const pythonReader = (url: string): Lines => fixture('reader.py', url)
/** Not by lines: each piece is one line of JSON. */
export const piecesReader = (url: string): Lines => fixture('pieces.py', url)
export const curlReader = (url: string, ...more: readonly string[]): Lines =>
  new Lines('curl', ['-sN', ...more, url])
