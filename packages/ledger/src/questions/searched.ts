/** What an answer looked at, so that silence is not mistaken for health. */
export interface Searched {
  readonly window: Window;
  readonly facts: number;
}

/** From one RFC 3339 time to another, and the buckets that what is counted over time falls into. */
interface Window {
  readonly from: string;
  readonly to: string;
  readonly bucket_ms: number;
  readonly buckets: number;
}
