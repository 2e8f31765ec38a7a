// What a request at the control door is for, told by its head alone (contract §6.1).
import { fieldsOf } from '../instruct/list.ts'
import { type AnswerForm, negotiate } from './accept.ts'
import {
  type Answer,
  bodyTooLarge,
  greeting,
  lengthRequired,
  lengthUnparsable,
  methodNotAllowed,
  notAcceptable,
  notFound,
} from './answers.ts'

export interface ControlHead {
  readonly method: string
  /** As sent. */
  readonly target: string
  readonly rawHeaders: readonly string[]
}

/** `publish` and `recover` have a form for their success; errors have one alone. */
export type Judgement =
  | { readonly ask: 'publish' | 'recover'; readonly form: AnswerForm }
  | { readonly ask: 'answer'; readonly answer: Answer }

/** `bodyBytesMax`: `push_in_http_max_body_size` of the original, 1,000,000. */
export function judgeHead({ method, target, rawHeaders }: ControlHead, bodyBytesMax: number): Judgement {
  const misfit = lengthMisfit(method, rawHeaders, bodyBytesMax)
  if (misfit !== undefined) return { ask: 'answer', answer: misfit }
  const form = negotiate(fieldsOf(rawHeaders, 'accept'))
  if (form === undefined) return { ask: 'answer', answer: notAcceptable }
  const path = target.replace(/\/$/, '')
  if (path === '') return { ask: 'answer', answer: greeting }
  if (path !== '/publish' && path !== '/recover') return { ask: 'answer', answer: notFound }
  if (method !== 'POST') return { ask: 'answer', answer: methodNotAllowed(method) }
  return { ask: path === '/publish' ? 'publish' : 'recover', form }
}

function lengthMisfit(
  method: string,
  rawHeaders: readonly string[],
  bodyBytesMax: number,
): Answer | undefined {
  const [length] = fieldsOf(rawHeaders, 'content-length')
  if (length !== undefined && !/^\d{1,15}$/.test(length)) return lengthUnparsable
  if (Number(length ?? 0) > bodyBytesMax) return bodyTooLarge
  const isChunked = fieldsOf(rawHeaders, 'transfer-encoding').length > 0
  return isChunked || (length === undefined && method === 'POST') ? lengthRequired : undefined
}
