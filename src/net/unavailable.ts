// The answer of a listener that cannot serve now: there is no worker, or this one is closing.
import type { Response } from './uws.ts'

export function answerUnavailable(response: Response): void {
  response.onAborted(() => {})
  response.cork(() => {
    response.writeStatus('503 Service Unavailable').writeHeader('retry-after', '1').end('', true)
  })
}
