// One message to a PULL socket, by a command that ends behind it.
import { faultText } from '../../../std/fault.ts'
import { loadZeromq } from './library.ts'
import { endpointOf, type Place } from './places.ts'

/** What the command waits for somebody to be there, and for its message to leave. */
const connectMs = 10_000
const lingerMs = 5_000

/** A sentence: it was not sent. */
export async function pushOnce(place: Place, message: Uint8Array): Promise<string | undefined> {
  const zeromq = await loadZeromq()
  if (typeof zeromq === 'string') return zeromq
  const socket = new zeromq.Push({ linger: lingerMs, sendTimeout: connectMs, immediate: true })
  try {
    socket.connect(endpointOf(place))
    await socket.send(message)
    return undefined
  } catch (error) {
    return `nobody takes it: ${faultText(error)}`
  } finally {
    socket.close()
  }
}
