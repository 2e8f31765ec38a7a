// What is published to a whole group of private channels, and how links carry it.
import { type ChannelName, type Draft, type PackedDraft, packDraft, unpackDraft } from './publication.ts'

/** A draft for every private channel of a group that somebody reads: see broadcasts.ts. */
export interface Each extends Pick<Draft, 'content' | 'meta' | 'renderings' | 'via'> {
  readonly group: string
  /** Not for the channel of that key. */
  readonly except?: string | undefined
}

/** The group stands where a draft has its channel. */
export type PackedEach = readonly [except: string | undefined, ...draft: PackedDraft]

export function packEach({ group, except, ...body }: Each): PackedEach {
  return [except, ...packDraft({ ...body, channel: group as ChannelName })] // see above
}

export function unpackEach([except, ...packed]: PackedEach): Each {
  const { channel: group, content, meta, renderings, via } = unpackDraft(packed)
  return { group, except, content, meta, renderings, via }
}
