// What Node.js cannot call: another number for a socket, and a socket under another's number. Loaded by a process that was
// handed sockets, and by no other: the package is optional.
import { Fault, faultText } from '../../std/fault.ts'

export interface NativeCalls {
  /** Another number for the same socket, for the caller to close. */
  double(descriptor: number): number
  /** `number` is the same socket as `descriptor` from now on; what it was is closed. */
  replace(number: number, descriptor: number): void
  /** Accepting never waits, and no child gets it by chance. */
  prepare(descriptor: number): void
}

// Of every Linux: fcntl(2), open(2).
const F_SETFD = 2
const F_GETFL = 3
const F_SETFL = 4
const F_DUPFD_CLOEXEC = 1_030
const FD_CLOEXEC = 1
const O_NONBLOCK = 0o4_000
const O_CLOEXEC = 0o2_000_000

/** Above the standard streams. */
const numberMin = 3

/** A sentence: it is not there. */
export async function loadNativeCalls(): Promise<NativeCalls | string> {
  let library: typeof import('ffi-rs')
  try {
    library = await import('ffi-rs')
  } catch (error) {
    return `the package ffi-rs, which takes sockets over, cannot be loaded (npm install ffi-rs@1.3.7): ${faultText(error).split('\n', 1)[0]}`
  }
  const { DataType, load, open } = library
  const int = DataType.I32
  const errno: true = true
  // Without a path it is the program itself, which has the C library.
  open({ library: name, path: '' })
  const call = (funcName: string, ...paramsValue: readonly number[]): number => {
    const { value, errnoCode, errnoMessage } = load({
      library: name,
      funcName,
      retType: int,
      paramsType: paramsValue.map(() => int),
      paramsValue: [...paramsValue],
      errno,
    })
    if (value < 0) throw new Fault(`errno-${errnoCode}`, `${funcName} failed: ${errnoMessage}`)
    return value
  }
  return {
    double: descriptor => call('fcntl', descriptor, F_DUPFD_CLOEXEC, numberMin),
    replace: (number: number, descriptor: number) => void call('dup3', descriptor, number, O_CLOEXEC),
    prepare(descriptor) {
      call('fcntl', descriptor, F_SETFD, FD_CLOEXEC)
      call('fcntl', descriptor, F_SETFL, call('fcntl', descriptor, F_GETFL, 0) | O_NONBLOCK)
    },
  }
}

const name = 'c'
