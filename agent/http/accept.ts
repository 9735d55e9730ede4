/** The verdict of an `Accept` header (RFC 9110 §12.5.1) on one media type. */
type Acceptance = {
  /** 0: not accepted. */
  readonly quality: number
  /** 3: named itself, 2: with parameters, 1: by `type/*`, 0: by a wildcard for all or no header. */
  readonly precision: number
  /** Its place in the header. */
  readonly place: number
}

type Range = Acceptance & { readonly type: string }

/**
 * Parameters of ours and of a range are ignored: there is one form of each media type, in UTF-8. A range with parameters
 * counts less than the same one without.
 */
export function acceptanceOf(header: string | undefined, mediaType: string): Acceptance {
  const ranges = rangesOf(header ?? '')
  if (ranges.length === 0) return { quality: 1, precision: 0, place: 0 }
  const [type = ''] = mediaType.toLowerCase().split(';')
  const wildcard = type.replace(/\/.*/, '/*')
  const matching = ranges.filter((range) => [type, wildcard, '*/*'].includes(range.type))
  const [best] = matching.sort((one, other) => other.precision - one.precision || one.place - other.place)
  return best ?? { quality: 0, precision: 0, place: ranges.length }
}

/** The most wanted of these; undefined if the header accepts none. In doubt the first in the header, then of ours. */
export function preferredType<Type extends string>(
  header: string | undefined,
  offered: readonly Type[],
): Type | undefined {
  const [best] = offered
    .map((type) => ({ ...acceptanceOf(header, type), type }))
    .filter(({ quality }) => quality > 0)
    .sort((one, other) => other.quality - one.quality || other.precision - one.precision || one.place - other.place)
  return best?.type
}

/** A quoted value may hold a comma or semicolon. */
function rangesOf(header: string): Range[] {
  const members = header.match(/(?:"(?:\\.|[^"\\])*"|[^,"]|")+/g) ?? []
  return members.flatMap((member, place) => {
    const [type = '', ...parameters] = (member.match(/(?:"(?:\\.|[^"\\])*"|[^;"]|")+/g) ?? []).map((part) =>
      part.trim(),
    )
    if (type === '') return []
    const weight = parameters.findIndex((parameter) => /^q\s*=/i.test(parameter))
    const quality = weight < 0 ? 1 : qualityOf(parameters[weight] ?? '')
    const hasParameters = (weight < 0 ? parameters.length : weight) > 0
    return [{ type: type.toLowerCase(), quality, precision: precisionOf(type, hasParameters), place }]
  })
}

/** A weight that is not a number counts as 1. */
function qualityOf(parameter: string): number {
  const weight = Number(parameter.replace(/^q\s*=\s*/i, '').replaceAll('"', '') || Number.NaN)
  return Number.isNaN(weight) ? 1 : Math.min(1, Math.max(0, weight))
}

function precisionOf(type: string, hasParameters: boolean): number {
  if (type === '*/*') return 0
  if (type.endsWith('/*')) return 1
  return hasParameters ? 2 : 3
}
