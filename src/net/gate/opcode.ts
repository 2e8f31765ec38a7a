// Kinds of frames (RFC 6455 section 11.8). All others are reserved.

export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

export type Opcode = (typeof opcode)[keyof typeof opcode]

/** What a control frame carries at most, and what a length is that stands in the second byte itself. */
export const controlBytesMax = 125
