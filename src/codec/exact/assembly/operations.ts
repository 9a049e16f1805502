// Numbers of the elementwise operations, by the names of the graph's operators; those of whole
// numbers, truth values and changes of type are named after what they take.
export const neg: i32 = 0;
export const abs: i32 = 1;
export const sqrt: i32 = 2;
export const reciprocal: i32 = 3;
export const floor: i32 = 4;
export const relu: i32 = 5;
export const unitStep: i32 = 6;
export const exp: i32 = 7;
export const log: i32 = 8;
export const tanh: i32 = 9;
export const sigmoid: i32 = 10;
export const erf: i32 = 11;
export const sin: i32 = 12;
export const cos: i32 = 13;
export const not: i32 = 14;
export const floatToInt: i32 = 15;
export const floatToByte: i32 = 16;
export const floatToBool: i32 = 17;
export const intToFloat: i32 = 18;
export const intToByte: i32 = 19;
export const intToBool: i32 = 20;
export const boolToFloat: i32 = 21;
export const boolToInt: i32 = 22;
/** Every NaN becomes the one of quiet bit and positive sign. */
export const canonical: i32 = 23;

export const add: i32 = 32;
export const sub: i32 = 33;
export const mul: i32 = 34;
export const div: i32 = 35;
export const maximum: i32 = 36;
export const minimum: i32 = 37;
export const pow: i32 = 38;
export const less: i32 = 39;
export const lessOrEqual: i32 = 40;
export const greater: i32 = 41;
export const greaterOrEqual: i32 = 42;
export const equal: i32 = 43;
export const and: i32 = 44;
export const addInt: i32 = 45;
export const subInt: i32 = 46;
export const mulInt: i32 = 47;
export const divInt: i32 = 48;
export const maximumInt: i32 = 49;
export const minimumInt: i32 = 50;
export const lessInt: i32 = 51;
export const lessOrEqualInt: i32 = 52;
export const greaterInt: i32 = 53;
export const greaterOrEqualInt: i32 = 54;
export const equalInt: i32 = 55;

export const where: i32 = 64;
