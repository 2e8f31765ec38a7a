// Pinghub as a front-end: a WebSocket or a POST on any path, and the path is the channel. Read README.md for the wire.
// What one worker does with a request is in room.ts.
import type { Frontend } from '../frontend.ts'
import { dropIn } from './drop-in.ts'
import { openMetricsPort } from './metrics-port.ts'
import { mistakesIn } from './mistakes.ts'
import { Pinghub } from './room.ts'
import { pinghubSection } from './settings.ts'

export const frontend: Frontend<typeof pinghubSection> = {
  name: pinghubSection.name,
  section: pinghubSection,
  open: context => new Pinghub(context),
  openPrimary: openMetricsPort,
  mistakes: mistakesIn,
  greeting: (_, address) => [
    `${process.execPath} -e 'new WebSocket("ws://${address}/demo").onmessage = event => console.log(event.data)'`,
    `curl -i http://${address}/demo -d 'hello, world'`,
  ],
  // The original knows no credentials: whoever reaches the port may do everything.
  isOpen: () => true,
  dropIn,
  channelPath: '^/(.*)$',
}
