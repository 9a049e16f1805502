// Mean and deviation of numbers as they come.

export class Spread {
  #count = 0;
  #mean = 0;
  /** Sum of squared distances from the mean (Welford 1962). */
  #squares = 0;

  add(value: number): void {
    this.#count++;
    const before = value - this.#mean;
    this.#mean += before / this.#count;
    this.#squares += before * (value - this.#mean);
  }

  get count(): number {
    return this.#count;
  }

  get mean(): number {
    return this.#mean;
  }

  /** Of the sample; 0 of one number. */
  get deviation(): number {
    return this.#count > 1 ? Math.sqrt(this.#squares / (this.#count - 1)) : 0;
  }
}
