// The version of this package: package.json's, which a test compares, for web pages cannot read that.

export const packageVersion = (): string => "0.1.0";
