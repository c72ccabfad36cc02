// libFuzzer brings main(), and Swift the function it calls. The executable is nominally one in C because SwiftPM
// gives an executable in Swift a main() of its own.
