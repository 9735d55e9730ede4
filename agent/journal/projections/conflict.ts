/** An event that the projections cannot hold: it is refused before it is appended. */
export class ProjectionConflict extends Error {
  override readonly name = 'ProjectionConflict'
}
