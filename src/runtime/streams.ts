// What random numbers are for. Two purposes never share a stream, so that using more numbers for
// one leaves the others as they were. A number once given stays: saved runs resume by it.

export const streams = {
  /** First values of the weights; step: the parameter's place in its list. */
  initialization: 0,
  /** The order of rows; step: the epoch. */
  shuffle: 1,
  /** Noise of the approximate posterior while training; step: the training step. */
  posterior: 2,
  /** Draws from the prior; step: the batch of rows. */
  prior: 3,
  /** Pixels binarised by their brightness; step: the training step, or the epoch when evaluating. */
  binarize: 4,
  /** Units dropped; step: the training step. */
  dropout: 5,
  /** Which rows validate. */
  split: 6,
  /** Draws from the decoder's likelihood on the host; step: the row. */
  likelihood: 7,
  /** Noise of the posterior outside training: evaluation, importance samples, draws for a row. */
  evaluation: 8,
  /** Data made up for demonstrations. */
  synthetic: 9,
  /** The order of rows within some pages of a file; step: epoch × windows in an epoch + window. */
  window: 10,
  /** The order of batches of texts of like lengths; step as for rows. */
  batches: 11,
  /** Starts of a mixture that is fitted to points. */
  mixture: 12,
  /** Draws of posteriors by which what latents tell is estimated; step: the epoch. */
  information: 13,
  /** Options of a sweep's trials; step: the trial. */
  search: 14,
  /** Draws of predictions that held-out values are ranked among; step: the epoch. */
  calibration: 15,
  /** Draws of cells given the others of their row; step: the row. */
  inference: 20,
  /** Which rows a run keeps to compare others with; step: 0 of those that train, 1 of those held out, 2 of known anomalies. */
  reference: 16,
  /** Which rows a measure looks at, and how it splits them; step: the measure's own. */
  measures: 24,
  /** Rows by which parameters begin. */
  firstRows: 26,
  /** Trees of an isolation forest or a random forest; step: the tree. */
  forest: 25,
  /** Draws from the decoder's likelihood in the graph; step: the batch of rows. */
  rows: 27,
  /** Which kept rows' conditions new rows have; step: the batch of rows. */
  conditions: 28,
} as const;
