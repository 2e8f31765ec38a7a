// A publisher in a process of its own, which pushes and publishes as fast as whoever is there takes it, until it is ended; beside it
// a backend that answers nonsense, and a subscriber of statistics that reads none.
import { Publisher, Push, Reply, Subscriber } from 'zeromq'

const [folder = ''] = process.argv.slice(2)
const item = Buffer.from(
  `J${JSON.stringify({ channel: 'there', formats: { 'http-stream': { content: 'x'.repeat(300) } } })}`,
)
const push = new Push({ linger: 0, sendHighWaterMark: 1_000 })
push.connect(`ipc://${folder}/pull`)
const publisher = new Publisher({ linger: 0 })
publisher.connect(`ipc://${folder}/sub`)
const slow = new Subscriber({ linger: 0, receiveHighWaterMark: 1 })
slow.connect(`ipc://${folder}/stats`)
slow.subscribe()
const backend = new Reply({ linger: 0 })
backend.connect(`ipc://${folder}/backend`)
void answer()
for (let count = 0; ; count++) {
  await push.send(item)
  if (count % 4 === 0) await publisher.send(['there', item])
}

async function answer(): Promise<void> {
  for (;;) {
    await backend.receive()
    await backend.send(Buffer.alloc(2_000))
  }
}
