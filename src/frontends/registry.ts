// The protocols of this daemon: one line each, and nothing else knows their names.
export { frontend as grip } from './grip/frontend.ts'
export { frontend as pinghub } from './pinghub/frontend.ts'
export { frontend as pushwire } from './pushwire/frontend.ts'
export { frontend as pushy } from './pushy/frontend.ts'
export { frontend as rpushd } from './rpushd/frontend.ts'
