// Requests that fetch cannot make: to a unix socket, and to any port, whatever browsers think of it.
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'

export type Place = { readonly socketPath: string } | { readonly host: string; readonly port: number }

export interface RequestOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
}

/** The Fetch standard's null body statuses. */
const bodiless: readonly number[] = [204, 205, 304]

/** Rejects where no answer begins; what breaks later breaks its body. */
export async function requestFrom(
  place: Place,
  path: string,
  { body, ...options }: RequestOptions,
): Promise<Response> {
  // Only now, for a node asks nobody, and this is 70 ms of its start.
  const { request } = await import('node:http')
  return new Promise((resolve, reject) => {
    // Of its own connection: a command asks once, and then ends. It does not ask to be closed, for Node.js ends a body with
    // an empty write: on a unix socket that fails where the other side has answered and gone, maybe before the answer is seen.
    const headers = { ...options.headers, connection: 'keep-alive' }
    const asked = request({ ...place, ...options, headers, path, agent: false }, message =>
      resolve(responseOf(message)),
    )
    asked.on('error', reject)
    asked.end(body)
  })
}

function responseOf(message: IncomingMessage): Response {
  const { statusCode: status = 0 } = message
  const headers = new Headers()
  for (const [name, value] of Object.entries(message.headers)) headers.set(name, String(value))
  if (bodiless.includes(status)) return new Response(null, { status, headers })
  // The same stream, under the name that it has in Node.js.
  const stream = Readable.toWeb(message) as ReadableStream<Uint8Array>
  return new Response(stream, { status, headers })
}
