// Who is master, as Sentinels say. All are asked each time, and no answer is kept: the last one is what a fail-over changes.
import { formatAddress } from '../../std/address.ts'
import { Fault } from '../../std/fault.ts'
import { Connection } from './connection.ts'
import type { Access, Place } from './place.ts'
import { connectSentence } from './reasons.ts'
import { isMissing, textsOf } from './replies.ts'
import { called } from './run-script.ts'
import type { LinkWorld } from './world.ts'

/** Resolves with the place that most of those that answer name. Rejects with what the first one had to say. */
export async function locatePrimary(
  world: LinkWorld,
  sentinels: readonly Place[],
  masterName: string,
): Promise<Place> {
  const answers = await Promise.allSettled(sentinels.map(place => ask(world, place, masterName)))
  const votes = new Map<string, { readonly place: Place; count: number }>()
  for (const answer of answers) {
    if (answer.status === 'rejected') continue
    const key = formatAddress(answer.value)
    const vote = votes.get(key) ?? { place: answer.value, count: 0 }
    vote.count++
    votes.set(key, vote)
  }
  const [most] = [...votes.values()].sort((one, other) => other.count - one.count)
  if (most !== undefined) return most.place
  const failed = answers.find(answer => answer.status === 'rejected')
  throw failed === undefined ? new Fault('broker-away', 'no Sentinel is named') : failed.reason
}

async function ask(world: LinkWorld, place: Place, masterName: string): Promise<Place> {
  try {
    return await askAs(world, place, masterName, { username: '', password: undefined })
  } catch (error) {
    const { username, password } = world.access
    const text = connectSentence(error, undefined)
    const wantsPassword = text.includes('wants a password') && password !== undefined
    if (wantsPassword) return askAs(world, place, masterName, { username, password })
    throw new Fault('broker-away', `Redis Sentinel at ${formatAddress(place)}${text.replace(/^Redis/, '')}`)
  }
}

async function askAs(
  world: LinkWorld,
  place: Place,
  masterName: string,
  user: Pick<Access, 'username' | 'password'>,
): Promise<Place> {
  const none = () => {}
  const signs = { message: none, unsubscribed: none, dead: none }
  const connection = await Connection.open(place, { ...world.access, ...user }, world, signs)
  try {
    const reply = await called(connection, ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', masterName])
    if (isMissing(reply)) throw new Fault('broker-away', `it knows no master called ${masterName}`)
    const [host = '', port] = textsOf(reply)
    return { host, port: Number(port) }
  } finally {
    connection.die('done')
  }
}
