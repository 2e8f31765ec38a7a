// Codes and reasons of closes, from and to each side (contract §14, fault 19). Pure.
import type { CloseReason } from '../../../engine/words/refusal.ts'
import { sendableCode } from '../../../net/close-code.ts'
import type { EndCause } from '../hold/ends.ts'
import type { JoinRefusal } from '../hold/hold.ts'

/** RFC 6455 section 7.4.1. */
export const closeCodes = {
  normal: 1000,
  protocolError: 1002,
  /** This end failed, or its origin did. */
  failed: 1011,
  restarting: 1012,
  tryAgain: 1013,
} as const

/** For a client, of what its origin or a publisher says: none, and 0, are an orderly end, and what nobody may send a failure. */
export function codeForClient(code: number | undefined): number {
  if (code === undefined || code === 0) return closeCodes.normal
  const sendable = sendableCode(code)
  return sendable === noCode ? closeCodes.normal : sendable
}

/** For an origin, of what a client says; undefined: nothing. */
export function codeForOrigin(code: number | undefined): number | undefined {
  if (code === undefined) return undefined
  return sendableCode(code) === code && code !== noCode ? code : closeCodes.protocolError
}

/** Where the engine lets go of a client: it may come again at once, or in a while. */
export function codeForLoss(reason: CloseReason): number {
  return reason === 'draining' ? closeCodes.restarting : closeCodes.tryAgain
}

/** As it is counted. */
export function causeOfLoss(reason: CloseReason): EndCause {
  if (reason === 'draining') return 'stopped'
  if (reason === 'gap') return 'missed'
  return reason === 'slow' ? 'slow' : 'lost'
}

/** Where a channel cannot be had. */
export function codeForRefusal(refusal: JoinRefusal): number {
  const isForGood = refusal === 'not-allowed' || refusal === 'channel-invalid'
  return isForGood ? closeCodes.failed : closeCodes.tryAgain
}

/** It stands for a close without a code and is never sent. */
const noCode = 1005
