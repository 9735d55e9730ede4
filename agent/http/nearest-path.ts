/** The template that is most like an unknown path, segment by segment; undefined if only its version is. */
export function nearestPath(path: string, templates: readonly string[]): string | undefined {
  const sent = path.split('/').filter((segment) => segment !== '')
  let best: { template: string | undefined; likeness: number } = { template: undefined, likeness: 0 }
  for (const template of templates) {
    const segments = template.split('/').slice(1)
    // The first is the version.
    if (segments.length < 2 || !isLike(segments[1] ?? '', sent[1] ?? '')) continue
    const like = segments.filter((segment, at) => isLike(segment, sent[at] ?? '')).length
    const likeness = like - Math.abs(segments.length - sent.length)
    if (likeness > best.likeness) best = { template, likeness }
  }
  return best.template
}

/** Singular or plural, any id, or a word that ends otherwise. */
function isLike(segment: string, sent: string): boolean {
  if (sent === '') return false
  return segment.startsWith('{') || segment.startsWith(sent.slice(0, -1)) || sent.startsWith(segment.slice(0, -1))
}
