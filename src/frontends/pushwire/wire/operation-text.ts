// The fields of an operation as JSON (contract §1.4), which stand beside a tag or by themselves.
import type { Auth, AuthOk, Operation } from './operations.ts'

type Members = Readonly<Record<string, unknown>>

/**
 * The fields as members of a JSON object, without its braces: what is not optional is always there, what is and has no
 * value is not. `resume_epochs` and `resume_heads`, which are ours, are there where they say something.
 */
export function encodeFields(operation: Operation): string {
  return JSON.stringify(membersOf(operation)).slice(1, -1)
}

function membersOf(operation: Operation): Members {
  switch (operation.op) {
    case 'ping':
    case 'pong':
      return {}
    case 'slow':
      return { window: operation.window }
    case 'ack':
      return { channel: operation.channel, cursor: operation.cursor }
    case 'resume_required':
      return { channel: operation.channel, from_cursor: operation.fromCursor, epoch: operation.epoch }
    case 'subscribe':
    case 'unsubscribe':
      return { channels: operation.channels }
    case 'health':
      return { status: operation.status, detail: operation.detail }
    case 'features':
      return { supported: operation.supported, requested: operation.requested }
    case 'goodbye':
      return { reason: operation.reason }
    case 'error':
      return { message: operation.message, code: operation.code }
    case 'auth_ok':
      return {
        resume_cursor: operation.resumeCursor,
        ...resumeMembers(operation),
        ...(hasAny(operation.resumeHeads) && { resume_heads: Object.fromEntries(operation.resumeHeads) }),
      }
    case 'auth':
      return {
        client_id: operation.clientId,
        token: operation.token,
        capabilities: operation.capabilities,
        resume_cursor: operation.resumeCursor,
        ...resumeMembers(operation),
      }
  }
}

/** Keys may be whatever a client said, `__proto__` too: `fromEntries` makes members of them all. */
function resumeMembers({ resumeCursors, resumeEpochs }: Auth | AuthOk): Members {
  return {
    resume_cursors: Object.fromEntries(resumeCursors),
    ...(resumeEpochs.size > 0 && { resume_epochs: Object.fromEntries(resumeEpochs) }),
  }
}

function hasAny(places: ReadonlyMap<string, number> | undefined): places is ReadonlyMap<string, number> {
  return places !== undefined && places.size > 0
}
