// The built-in target (contract §2.6): answers as an origin would, so that a route can be tried without one.
import type { Call, CallHandlers } from '../../../net/outgoing/call.ts'

export interface TestRequest {
  /** As it was routed. */
  readonly path: string
  readonly query: string
  readonly pathBeg: string
}

interface TestAnswer {
  readonly status: number
  readonly reason: string
  readonly body: string
  readonly mode?: 'stream' | 'response'
}

const usualChannel = 'test'

/** The answer comes as soon as this has returned, unless it is aborted. */
export function callTest(request: TestRequest, { onHead, onBody, onEnd }: CallHandlers): Call {
  const { status, reason, body, mode } = answerTo(request)
  let isAborted = false
  const say = (contentType: string, text: string) => {
    onHead(status, reason, ['Content-Type', contentType, 'Content-Length', String(Buffer.byteLength(text))])
    if (!isAborted) onBody(Buffer.from(text))
    if (!isAborted) onEnd()
  }
  queueMicrotask(() => {
    if (isAborted) return
    if (mode === undefined) return say('text/plain', body)
    const named = new URLSearchParams(request.query).getAll('channel')
    const channels = (named.length === 0 ? [usualChannel] : named).map(name => ({ name }))
    const response = { headers: [['Content-Type', 'text/plain']], body }
    say('application/grip-instruct', JSON.stringify({ hold: { mode, channels }, response }))
  })
  return {
    abort() {
      isAborted = true
    },
    pause() {},
    resume() {},
  }
}

/** The last slash of `pathBeg` stays in front of what is behind it. */
function answerTo({ path, pathBeg }: TestRequest): TestAnswer {
  const resource = path.slice(pathBeg.replace(/\/$/, '').length)
  const ok = { status: 200, reason: 'OK' } as const
  switch (resource) {
    case '':
    case '/':
      return { ...ok, body: 'Hello from the Pushpin test handler!\n' }
    case '/response':
      return { ...ok, body: 'nothing for now\n', mode: 'response' }
    case '/stream':
      return { ...ok, body: '[stream opened]\n', mode: 'stream' }
    default:
      return { status: 404, reason: 'Not Found', body: 'no such test resource\n' }
  }
}
