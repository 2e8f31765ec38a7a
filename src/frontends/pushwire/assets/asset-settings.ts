// Settings of assets (contract §9): fields of the section, and what is wrong with them beyond their types.
import type { SectionValues } from '../../../std/setting.ts'
import { knownTypes } from './asset-types.ts'

export const assetFields = {
  assetTypes: {
    type: 'list',
    default: ['image/png', 'image/jpeg', 'image/webp', 'image/gif'],
    doc: 'Types that an asset may have.',
  },
  assetSignatures: {
    type: 'boolean',
    default: true,
    doc: 'The first bytes of an asset must look like its type.',
  },
  assetInlineBytesMax: {
    type: 'integer',
    unit: 'bytes',
    // The original's. In base64 and JSON it is a third more, and 11 of them fill a stream of 4 MiB.
    default: 262_144,
    min: 0,
    max: 1_048_576,
    doc: 'Largest asset that travels in its frame; of a larger one the frame has the address.',
  },
  assetBytesMax: {
    type: 'integer',
    unit: 'bytes',
    // Some seconds of a slow line, and 10 ms to hash; a worker holds each as a whole while it is stored.
    default: 16_777_216,
    min: 1,
    max: 67_108_864,
    doc: 'Largest asset at all.',
  },
  assetsBytesMax: {
    type: 'integer',
    unit: 'bytes',
    default: 536_870_912,
    min: 67_108_864,
    max: 1_099_511_627_776,
    doc: 'Disk that all stored assets of the node take, about; beyond it those go that were not stored or fetched for longest.',
  },
  assetMsMax: {
    type: 'integer',
    unit: 'ms',
    // Long enough for a client that comes back the next day and replays.
    default: 86_400_000,
    min: 1_000,
    max: 31_536_000_000,
    doc: 'Time for which an asset is kept after it was last stored or fetched.',
  },
} as const satisfies Record<string, unknown>

export type AssetSettings = SectionValues<{ readonly name: string; readonly fields: typeof assetFields }>

/** One sentence each. */
export function assetMistakes({ assetTypes }: Pick<AssetSettings, 'assetTypes'>): readonly string[] {
  const strange = assetTypes.filter(type => !knownTypes.includes(type))
  return strange.map(type => `${type} is no type that assets can have: ${knownTypes.join(', ')}`)
}
