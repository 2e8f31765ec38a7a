// The protocols of this daemon: one line each, and nothing else knows their names.
export { frontend as rpushd } from './rpushd/frontend.ts'
