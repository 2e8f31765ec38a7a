// The admin listener's section.
import type { Section, SectionValues } from '../std/setting.ts'

export const adminSection = {
  name: 'admin',
  fields: {
    listen: {
      type: 'address',
      default: '127.0.0.1:7878',
      doc: 'Address of health, metrics, the HTTP API and, in development, the playground.',
    },
    secret: {
      type: 'secret',
      optional: true,
      isPresented: true,
      live: true,
      doc: 'Bearer secret of the HTTP API; without one production refuses the API and keeps health and metrics.',
    },
    hosts: {
      type: 'list',
      of: 'hosts',
      default: [],
      live: true,
      doc: 'Names beside the address itself and localhost that a request may give as its Host; a port does not count.',
    },
    origins: {
      type: 'list',
      of: 'origins',
      default: [],
      live: true,
      doc: 'Origins whose pages may use the listener, as browsers write them: https://ops.example.org.',
    },
    bodyBytesMax: {
      type: 'integer',
      unit: 'bytes',
      default: 1_048_576,
      min: 1_024,
      max: 16_777_216,
      live: true,
      doc: 'Largest request body of the HTTP API.',
    },
  },
} as const satisfies Section

export type AdminSettings = SectionValues<typeof adminSection>
