// What the thread asks all rooms, as topics of `gather`: texts, with what is asked as JSON behind the name.

export const recoverTopic = 'recover'

/** Which of the connections there are: answered by a list of ids. */
export function conncheckTopic(ids: readonly string[]): string {
  return `conncheck ${JSON.stringify(ids)}`
}

/** One connection by its id, or all that are subscribed to a channel: answered by how many there are. */
export type RefreshWanted = { readonly cid: string } | { readonly channel: string }

export function refreshTopic(wanted: RefreshWanted): string {
  return `refresh ${JSON.stringify(wanted)}`
}

export type RoomTopic =
  | { readonly ask: 'conncheck'; readonly ids: readonly string[] }
  | { readonly ask: 'refresh'; readonly wanted: RefreshWanted }

/** Undefined: it is none of these. */
export function parseTopic(topic: string): RoomTopic | undefined {
  const at = topic.indexOf(' ')
  const ask = topic.slice(0, at)
  if (ask === 'conncheck') return { ask, ids: JSON.parse(topic.slice(at + 1)) } // as it was made above
  if (ask === 'refresh') return { ask, wanted: JSON.parse(topic.slice(at + 1)) } // likewise
  return undefined
}
