// Why the engine says no, and why it ends a subscriber: closed unions, so that a front-end's wire table is total.

/** A publish or subscribe that was not done. All but `not-allowed` and `elsewhere` may be tried again. */
export type Refusal =
  /** The path to the owner, or the owner's fan-out, holds as much as it may; or the channel is full. */
  | 'overloaded'
  /** The worker that owns the channel died before it answered, or no worker is in its slot yet. */
  | 'owner-lost'
  /** What joins the nodes cannot be reached; for certain nothing was appended. */
  | 'broker-away'
  /** The daemon is stopping. */
  | 'draining'
  /** The channel's namespace, or the front-end's own list, does not open it to this front-end. */
  | 'not-allowed'
  /** Another node owns the channel, and serves its subscribers alone. */
  | 'elsewhere'

/** Why the engine closes a subscriber. */
export type CloseReason =
  /** It stayed behind for longer, or by more bytes, than its policy allows. */
  | 'slow'
  /** Publications were lost on the way to it, and its wire cannot say so. */
  | 'gap'
  /** Its format has no frame for a publication, and says that this ends it. */
  | 'omitted'
  /** The owner of its channel did not come back in time. */
  | 'owner-lost'
  | 'draining'

/** The bounds that end a slow subscriber: settings of the same names. */
export type SlowBound = 'outboxAge' | 'outboxBytes' | 'connectionBytes' | 'workerBytes'

/** A subscriber does not get everything, for the log: the engine closed it, or leaves publications out until it takes more. */
export type Loss =
  | {
      readonly kind: 'closed'
      readonly reason: Exclude<CloseReason, 'draining'>
      readonly bound?: SlowBound | undefined
      readonly channel: string
    }
  | { readonly kind: 'skipped'; readonly channel: string }
