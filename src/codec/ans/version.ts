// What archives say of the arithmetic that they were written with.

/** Of the entropy coder and its distributions: any change of any bit that they give means a new one. */
export const ANS_VERSION = 2;
