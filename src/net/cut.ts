// The end of a request that cannot be served now, without an answer: who gets none comes again, while a 503 is final for
// some, a browser's EventSource among them.
import type { Response } from './uws.ts'

export function cut(response: Response): void {
  response.onAborted(() => {})
  response.close()
}
