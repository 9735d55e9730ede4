/** Folders that others have to get through (FHS 3.0): those of the system, and the homes. */
const OF_THE_SYSTEM =
  /^\/(?:bin|boot|dev|etc|home|lib\d*|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)?$|^\/var\/(?:cache|lib|log|mail|opt|run|spool|tmp)$|^\/usr\/[^/]+$|^\/home\/[^/]+$/

/** False where nobody else would get through any more: the state directory is closed to all but its owner (0700). */
export function isFolderOfItsOwn(state: string): boolean {
  return !OF_THE_SYSTEM.test(state)
}
