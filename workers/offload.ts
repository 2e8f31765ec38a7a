// Entry of the threads of the offload pool.
export { hash } from '../src/app/offload.ts'
