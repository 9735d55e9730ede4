/** What a receipt must carry while the TSE is out: AEAO to § 146a, outage section. */
export const OUTAGE_TEXT = 'TSE ausgefallen'
