// The first body of a stream, or of a page, whose channels have the filter `build-id` (contract §7): ids are those at which its origin
// says that the client is. The original knows none there (contract §14, fault 12). Long polls keep their body as it is, for
// it may be patched, and what comes of that goes through the filters.
import type { Instruct } from '../instruct/instruct.ts'
import { buildIds } from './contents.ts'

/** Whether the body has to be whole before any of it may leave. */
export function isBodyFiltered({ hold }: Instruct): boolean {
  return hold?.mode === 'stream' && hold.channels.some(({ filters }) => filters.includes('build-id'))
}

/** `reason`: for who debugs. */
export type FilteredBody =
  | { readonly ok: true; readonly body: Uint8Array }
  | { readonly ok: false; readonly reason: string }

/** Once, however many channels name it. An empty body needs nothing. */
export function filterBody(body: Uint8Array, instruct: Instruct): FilteredBody {
  const { hold } = instruct
  if (hold === undefined || body.length === 0 || !isBodyFiltered(instruct)) return { ok: true, body }
  const ids = new Map<string, string>()
  for (const { name, prevId } of hold.channels) if (prevId !== undefined) ids.set(name, prevId)
  const built = buildIds(body, hold.meta, ids)
  return built.ok
    ? { ok: true, body: built.bytes }
    : { ok: false, reason: `filter error: build-id: ${built.error}` }
}
