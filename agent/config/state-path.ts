/** Folders that other users need (FHS 3.0): those of the system, and the homes. */
const OF_THE_SYSTEM =
  /^\/(?:bin|boot|dev|etc|home|lib\d*|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)?$|^\/var\/(?:cache|lib|log|mail|opt|run|spool|tmp)$|^\/usr\/[^/]+$|^\/home\/[^/]+$/

/** False for a folder that other users need: the state directory is private (0700) and would lock them out. */
export function isPrivateFolder(state: string): boolean {
  return !OF_THE_SYSTEM.test(state)
}
