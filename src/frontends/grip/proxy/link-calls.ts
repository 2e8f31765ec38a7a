// Requests of our own for the links of an origin: next pages, gone links, and what filters ask.
import type { Call, CallHandlers } from '../../../net/outgoing/call.ts'
import type { Held } from '../hold/hold.ts'
import { Attempt, type AttemptHandlers } from './attempt.ts'
import { type Choice, uriOf } from './choice.ts'
import { type Link, linkTo } from './links.ts'
import { type OriginRequest, requestTo } from './origin-request.ts'
import type { HeaderSettings, LastId } from './request-headers.ts'
import type { Signers } from './signature.ts'

export interface LinkCallsContext {
  readonly signers: Signers
  settings(): HeaderSettings
  /** Whether links may lead there. */
  isLinkPlace(host: string, port: number): boolean
  dispatch(request: OriginRequest, handlers: CallHandlers): Call
}

interface LinkRequest {
  readonly method: 'GET' | 'POST'
  readonly link: Link
  /** Beside its `Host`. */
  readonly rawHeaders?: readonly string[]
  /** Of a POST; empty where nothing is said. */
  readonly body?: Uint8Array
  readonly lastIds?: readonly LastId[]
}

export class LinkCalls {
  readonly #context: LinkCallsContext

  constructor(context: LinkCallsContext) {
    this.#context = context
  }

  /** Undefined: nobody may go there. */
  to(uri: string, choice: Choice): Link | undefined {
    const base = { rule: choice.rule, uri: uriOf(choice) }
    return linkTo(uri, base, (host, port) => this.#context.isLinkPlace(host, port))
  }

  ask(
    choice: Choice,
    { method, link, rawHeaders = [], body = nothing, lastIds = [] }: LinkRequest,
    handlers: AttemptHandlers,
  ): Attempt {
    const { rule, targets, target, host, isTls } = link
    const asked = {
      rule,
      method,
      target,
      rawHeaders: ['Host', host, ...rawHeaders],
      settings: this.#context.settings(),
      peer: '',
      isTls: isTls && choice.isTls,
      isTrusted: false,
      isInternal: true as const,
      signature: this.#context.signers.of(choice.rule)?.(),
      lastIds,
      ...(method === 'POST' && { body }),
    }
    const [path = '', query = ''] = target.split('?')
    return new Attempt(
      (request, own) => this.#context.dispatch(request, own),
      {
        targets,
        method,
        request: to => requestTo(to, asked),
        isWhole: () => true,
        test: { path, query, pathBeg: rule.pathBeg },
      },
      handlers,
    )
  }
}

const nothing = new Uint8Array(0)

/** Of those that have one. */
export function lastIdsOf(held: readonly Held[]): readonly LastId[] {
  return held.flatMap(({ name, prevId }) => (prevId === undefined ? [] : [{ channel: name, id: prevId }]))
}
