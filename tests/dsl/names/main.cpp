// The graphs of two files in one program.
#include <cstdio>
#include <string>

std::string one();
std::string two();

int main() { std::printf("%s----\n%s", one().c_str(), two().c_str()); }
