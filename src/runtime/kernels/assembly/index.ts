export * from "./reduce";
